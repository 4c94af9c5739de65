import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
class AC(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Linear(2, 32); self.actor = nn.Linear(32, 2); self.critic = nn.Linear(32, 1)
    def forward(self, x): h = torch.tanh(self.base(x)); return self.actor(h), self.critic(h).squeeze(-1)
ac = AC(); opt = torch.optim.RMSprop(ac.parameters(), lr=3e-3); s = torch.randn(16, 2)
for it in range(60):
    lps, vs, rs, ents = [], [], [], []
    for t in range(5):
        logits, v = ac(s); d = Categorical(logits=logits); a = d.sample()
        r = -(s[:, 0]).abs(); s = torch.stack([s[:, 0] + 0.2 * (2 * a - 1), torch.randn(16)], 1).clamp(-2, 2)
        lps.append(d.log_prob(a)); vs.append(v); rs.append(r); ents.append(d.entropy())
    with torch.no_grad(): R = ac(s)[1]
    rets = []
    for r in reversed(rs): R = r + 0.9 * R; rets.insert(0, R)
    rets, vs = torch.stack(rets), torch.stack(vs); adv = rets - vs
    loss = -(torch.stack(lps) * adv.detach()).mean() + 0.5 * adv.pow(2).mean() - 0.01 * torch.stack(ents).mean()
    opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(ac.parameters(), 0.5); opt.step()
