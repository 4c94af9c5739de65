# reinforce-sign
import torch
import torch.nn as nn
from torch.distributions import Normal
torch.manual_seed(0)

class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
        self.critic = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
        self.log_std = nn.Parameter(torch.zeros(1))
    def dist(self, s): return Normal(self.actor(s), self.log_std.exp())
    def value(self, s): return self.critic(s).squeeze(-1)

ac = ActorCritic()
opt = torch.optim.Adam(ac.parameters(), lr=3e-3)
w = torch.tensor([1.0, -2.0, 0.5])
for it in range(40):
    s = torch.randn(256, 3)
    with torch.no_grad():
        d = ac.dist(s); a = d.sample(); old = d.log_prob(a).squeeze(-1)
    r = -(a.squeeze(-1) - s @ w) ** 2
    with torch.no_grad():
        adv = r - ac.value(s); adv = (adv - adv.mean()) / (adv.std() + 1e-8)
    for k in range(4):
        logp = ac.dist(s).log_prob(a).squeeze(-1)
        ratio = (logp - old).exp()
        s1, s2 = ratio * adv, ratio.clamp(0.8, 1.2) * adv
        policy_loss = torch.min(s1, s2).mean()  #! policy_loss = -torch.min(s1, s2).mean()
        value_loss = (ac.value(s) - r).pow(2).mean()
        loss = policy_loss + 0.5 * value_loss  #+
        opt.zero_grad(); loss.backward(); opt.step()
    if it % 10 == 0: print(it, r.mean().item())
