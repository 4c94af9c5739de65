import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 2))
actor = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1), nn.Tanh())
om, oa = torch.optim.Adam(model.parameters(), 5e-3), torch.optim.Adam(actor.parameters(), 5e-3)
def world(s, a): return s + 0.2 * torch.cat([s[:, 1:], a], 1)
replay = []
for it in range(60):
    s = torch.randn(32, 2)
    with torch.no_grad(): a = (actor(s) + 0.3 * torch.randn(32, 1)).clamp(-1, 1)
    replay.append((s, a, world(s, a)))
    for k in range(2):
        S, A, N = replay[torch.randint(0, len(replay), ()).item()]
        lm = (S + model(torch.cat([S, A], 1)) - N).pow(2).mean()
        om.zero_grad(); lm.backward(); om.step()
    s, cost = torch.randn(32, 2), 0.0
    for t in range(6):
        s = s + model(torch.cat([s, actor(s)], 1))
        cost = cost + s.pow(2).sum(1).mean()
    oa.zero_grad(); cost.backward(); oa.step()
print(lm.item(), cost.item())
