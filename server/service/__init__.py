"""What a server needs around its app: logs, connections, background tasks, values kept between two starts."""
