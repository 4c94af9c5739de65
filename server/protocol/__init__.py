"""Every message between worker, server and page, as a type.

page --page.PageMessage--> server --commands.WorkerCommand--> worker
page <--page.ServerMessage-- server <--news.WorkerMessage, pictures-- worker
"""
