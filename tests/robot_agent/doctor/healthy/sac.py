import torch
from torch import nn
from torch.distributions import Normal
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2)); q = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1))
la = torch.zeros(1, requires_grad=True)
op, oq, oalpha = torch.optim.Adam(pi.parameters(), lr=1e-3), torch.optim.Adam(q.parameters(), lr=3e-3), torch.optim.Adam([la], lr=1e-3)
def act(s):
    m, ls = pi(s).chunk(2, 1); d = Normal(m, ls.clamp(-3, 1).exp()); u = d.rsample(); a = torch.tanh(u)
    return a, (d.log_prob(u) - torch.log(1 - a.pow(2) + 1e-6)).sum(1)
for i in range(120):
    s = torch.randn(64, 2)
    with torch.no_grad(): a, _ = act(s)
    r = -(a - s[:, :1]).pow(2).squeeze(1)
    lq = nn.functional.mse_loss(q(torch.cat([s, a], 1)).squeeze(1), r); oq.zero_grad(); lq.backward(); oq.step()
    a, lp = act(s); alpha = la.exp().detach()
    lpi = (alpha * lp - q(torch.cat([s, a], 1)).squeeze(1)).mean(); op.zero_grad(); lpi.backward(); op.step()
    lal = -(la * (lp.detach() - 1.0)).mean(); oalpha.zero_grad(); lal.backward(); oalpha.step()
print(lq.item())
