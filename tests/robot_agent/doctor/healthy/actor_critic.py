import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
class AC(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 32)
        self.pi, self.v = nn.Linear(32, 2), nn.Linear(32, 1)
    def forward(self, s):
        h = torch.relu(self.body(s))
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)
net = AC()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for ep in range(60):
    s = torch.randn(4)
    lps, vals, rews = [], [], []
    for t in range(15):
        d, v = net(s)
        a = d.sample()
        r = 1.0 if a.item() == int(s[0] > 0) else -1.0
        lps.append(d.log_prob(a)); vals.append(v); rews.append(r)
        s = torch.randn(4)
    R, out = 0.0, []
    for r in rews[::-1]:
        R = r + 0.9 * R
        out.insert(0, R)
    out = torch.tensor(out)
    out = (out - out.mean()) / (out.std() + 1e-6)
    pl, vl = [], []
    for lp, v, R in zip(lps, vals, out):
        adv = R - v.item()
        pl.append(-lp * adv)
        vl.append(nn.functional.smooth_l1_loss(v, R))
    loss = torch.stack(pl).sum() + torch.stack(vl).sum()
    opt.zero_grad(); loss.backward(); opt.step()
print(sum(rews))
