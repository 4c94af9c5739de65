# kind: another-action
import torch
from torch import nn
from torch.distributions import Normal
torch.manual_seed(0)
class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
        self.ls = nn.Parameter(torch.tensor([-0.5]))
    def pi(self, s): return Normal(self.f(s), self.ls.exp())
    def act(self, s):
        with torch.no_grad(): return self.pi(s).sample()
    def loss(self, s, a, r):
        d = self.pi(s)
        a = d.sample()  #!-
        return -(d.log_prob(a) * r).mean()  #+
agent = Agent(); opt = torch.optim.Adam(agent.parameters(), 0.01)
for i in range(80):
    s = torch.randn(64, 2); a = agent.act(s); r = -(a - s[:, :1]).abs(); r = r - r.mean()
    l = agent.loss(s, a, r); opt.zero_grad(); l.backward(); opt.step()
