"""Rows become facts: headers recognised, rows checked, then written. Pure up to `writers`; no permission and no clock lives here."""
