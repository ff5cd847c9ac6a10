"""Files become facts: read, recognise, check, write. Pure up to `writing`; no permission and no clock lives here."""
