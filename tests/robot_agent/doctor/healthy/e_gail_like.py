import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi, disc = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 3)), nn.Sequential(nn.Linear(6, 24), nn.Tanh(), nn.Linear(24, 1))
op, od = torch.optim.Adam(pi.parameters(), 1e-2), torch.optim.Adam(disc.parameters(), 1e-2)
bce = nn.functional.binary_cross_entropy_with_logits
for it in range(80):
    s = torch.randn(64, 3); expert = nn.functional.one_hot(s.argmax(1), 3).float()
    d = Categorical(logits=pi(s)); a = d.sample(); mine = nn.functional.one_hot(a, 3).float()
    le, lp = disc(torch.cat([s, expert], 1)), disc(torch.cat([s, mine], 1))
    ld = bce(le, torch.ones_like(le)) + bce(lp, torch.zeros_like(lp))
    od.zero_grad(); ld.backward(); od.step()
    with torch.no_grad(): reward = nn.functional.logsigmoid(disc(torch.cat([s, mine], 1))).squeeze(1)
    loss = -(d.log_prob(a) * (reward - reward.mean())).mean() - 0.01 * d.entropy().mean()
    op.zero_grad(); loss.backward(); op.step()
print((pi(s).argmax(1) == s.argmax(1)).float().mean())
