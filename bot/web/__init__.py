"""How a request over the web is answered, whichever platform it comes from: its limits, the answer, and what follows it."""
