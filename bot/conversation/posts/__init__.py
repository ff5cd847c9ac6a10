"""The posts about due messages: how each opens, the words that several share, and made-up people as examples."""
