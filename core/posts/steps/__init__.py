"""The steps of delivery, each one transaction: it is done and written down, or nothing of it is.

Whoever delivers tells its story in them, and opens no transaction of its own. They know no platform and draw nothing.
"""
