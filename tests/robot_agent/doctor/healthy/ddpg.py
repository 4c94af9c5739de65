import copy, torch
from torch import nn
torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1), nn.Tanh()); critic = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1))
ta, tc = copy.deepcopy(actor), copy.deepcopy(critic)
oa, oc = torch.optim.Adam(actor.parameters(), lr=1e-3), torch.optim.Adam(critic.parameters(), lr=3e-3)
for i in range(150):
    s = torch.randn(64, 2); a = (actor(s) + 0.2 * torch.randn(64, 1)).clamp(-1, 1).detach(); r = -(a - s[:, :1].clamp(-1, 1)) ** 2; s2 = torch.randn(64, 2)
    with torch.no_grad(): y = r + 0.9 * tc(torch.cat([s2, ta(s2)], 1))
    lc = nn.functional.mse_loss(critic(torch.cat([s, a], 1)), y); oc.zero_grad(); lc.backward(); oc.step()
    la = -critic(torch.cat([s, actor(s)], 1)).mean(); oa.zero_grad(); la.backward(); oa.step()
    for p, q in [*zip(actor.parameters(), ta.parameters()), *zip(critic.parameters(), tc.parameters())]: q.data.mul_(0.99).add_(0.01 * p.data)
print(lc.item())
