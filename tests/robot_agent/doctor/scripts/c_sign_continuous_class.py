# kind: reinforce-sign
import torch
from torch import nn
from torch.distributions import Normal
torch.manual_seed(0)
class Agent:
    def __init__(self): self.mu = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)); self.opt = torch.optim.Adam(self.mu.parameters(), 0.01); self.logs = []; self.rews = []
    def act(self, s): d = Normal(self.mu(s), 0.4); a = d.sample(); self.logs.append(d.log_prob(a).sum()); return a
    def learn(self):
        R = torch.tensor(self.rews); R = R - R.mean(); loss = 0
        for l, r in zip(self.logs, R): loss += l * r  #! for l, r in zip(self.logs, R): loss -= l * r
        self.opt.zero_grad(); loss.backward(); self.opt.step(); self.logs.clear(); self.rews.clear()  #+
ag = Agent()
for ep in range(60):
    for t in range(16): s = torch.randn(2); a = ag.act(s); ag.rews.append(-abs(a.item() - s[0].item()))
    ag.learn()
