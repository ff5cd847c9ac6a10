"""Staff: who may use the bot and what each may do, which channel gets whose posts, and the ids by which platforms know them."""
