import torch
from torch import nn
torch.manual_seed(0)
V = nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 1))
def onehot(i): v = torch.zeros(5); v[i] = 1; return v
for ep in range(30):
    s = 2
    traces = [torch.zeros_like(p) for p in V.parameters()]
    while True:
        s2 = s + (1 if torch.rand(()) < 0.5 else -1)
        r, done = (1.0 if s2 == 5 else 0.0), s2 in (-1, 5)
        v = V(onehot(s))
        with torch.no_grad():
            target = r + (0.0 if done else V(onehot(s2)).item())
        V.zero_grad(); v.backward()
        delta = target - v.item()
        with torch.no_grad():
            for p, e in zip(V.parameters(), traces):
                e.mul_(0.8).add_(p.grad)
                p.add_(0.1 * delta * e)
        if done: break
        s = s2
print([round(V(onehot(i)).item(), 2) for i in range(5)])
