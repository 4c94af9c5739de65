import torch
from torch import nn
from torch.distributions import Normal
torch.manual_seed(0)
class Memory:
    def __init__(self): self.clear()
    def clear(self): self.s, self.a, self.lp, self.r, self.d = [], [], [], [], []
class PPO:
    def __init__(self):
        self.actor = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
        self.critic = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
        self.log_std = nn.Parameter(torch.zeros(1))
        self.opt = torch.optim.Adam([{"params": self.actor.parameters(), "lr": 3e-3}, {"params": [self.log_std], "lr": 3e-3}, {"params": self.critic.parameters(), "lr": 1e-2}])
        self.mem = Memory()
    def act(self, s):
        with torch.no_grad():
            d = Normal(self.actor(s), self.log_std.exp()); a = d.sample()
            return a, d.log_prob(a).sum(-1)
    def update(self):
        s, a, lp, r, d = (torch.stack(x) for x in (self.mem.s, self.mem.a, self.mem.lp, self.mem.r, self.mem.d))
        with torch.no_grad():
            v = self.critic(s).squeeze(-1); adv = torch.zeros_like(r); last = torch.zeros(r.shape[1])
            for t in reversed(range(len(r))):
                nv = v[t + 1] if t + 1 < len(r) else torch.zeros_like(v[t])
                delta = r[t] + 0.95 * nv * (1 - d[t]) - v[t]; last = delta + 0.95 * 0.9 * (1 - d[t]) * last; adv[t] = last
            ret = adv + v; adv = (adv - adv.mean()) / (adv.std() + 1e-8)
        for _ in range(4):
            dist = Normal(self.actor(s), self.log_std.exp()); new = dist.log_prob(a).sum(-1)
            ratio = (new - lp).exp()
            pl = -torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()
            vl = nn.functional.mse_loss(self.critic(s).squeeze(-1), ret)
            loss = pl + 0.5 * vl - 0.001 * dist.entropy().mean()
            self.opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(self.actor.parameters(), 0.5); self.opt.step()
        self.mem.clear()
agent = PPO()
for it in range(15):
    s = torch.randn(16, 2)
    for t in range(12):
        a, lp = agent.act(s)
        s2 = torch.stack([s[:, 0] + 0.1 * s[:, 1], (s[:, 1] + 0.3 * a[:, 0].clamp(-1, 1)).clamp(-2, 2)], 1)
        for k, v in zip(("s", "a", "lp", "r", "d"), (s, a, lp, -s2[:, 0].abs(), torch.full((16,), float(t == 11)))): getattr(agent.mem, k).append(v)
        s = s2
    agent.update()
