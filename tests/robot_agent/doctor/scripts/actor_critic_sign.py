# kind: reinforce-sign
import torch
import torch.nn as nn
from torch.distributions import Categorical
torch.manual_seed(0)
class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 32), nn.ReLU())
        self.pi = nn.Linear(32, 3); self.v = nn.Linear(32, 1)
    def forward(self, s):
        h = self.body(s)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)
ac = ActorCritic()
opt = torch.optim.Adam(ac.parameters(), lr=3e-3)
for it in range(150):
    s = torch.randn(32, 3)
    dist, v = ac(s)
    a = dist.sample()
    r = (a == s.argmax(1)).float()
    adv = r - v.detach()
    actor_loss = (dist.log_prob(a) * adv).mean()  #! actor_loss = -(dist.log_prob(a) * adv).mean()
    critic_loss = (r - v).pow(2).mean()
    loss = actor_loss + 0.5 * critic_loss - 0.01 * dist.entropy().mean()  #+
    opt.zero_grad(); loss.backward(); opt.step()
print(r.mean())
