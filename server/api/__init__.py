"""The routes of the server, and who may call them."""
