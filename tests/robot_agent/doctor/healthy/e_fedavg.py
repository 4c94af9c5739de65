import copy, torch
from torch import nn
torch.manual_seed(0)
def make(): return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
c = torch.randn(3, 8) * 2
clients = []
for k in range(4):
    y = torch.randint(0, 3, (60,)); clients.append((c[y] + torch.randn(60, 8), y))
server = make()
for rnd in range(8):
    states = []
    for x, y in clients:
        local = make(); local.load_state_dict(server.state_dict())
        opt = torch.optim.SGD(local.parameters(), lr=0.1)
        for i in torch.randperm(60).split(20):
            opt.zero_grad(); nn.functional.cross_entropy(local(x[i]), y[i]).backward(); opt.step()
        states.append(local.state_dict())
    server.load_state_dict({k: torch.stack([s[k] for s in states]).mean(0) for k in states[0]})
with torch.no_grad(): print(sum((server(x).argmax(1) == y).float().mean() for x, y in clients) / 4)
