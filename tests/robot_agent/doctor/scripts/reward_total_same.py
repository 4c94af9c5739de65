# kind: reward-constant
import torch
from torch import nn
from torch.distributions import Bernoulli
torch.manual_seed(0)
class Env:
    def reset(self):
        self.x = 0.0; self.n = 0
        return torch.tensor([self.x])
    def step(self, a):
        self.x += 0.1 if a else -0.1
        self.n += 1
        done = self.n >= 10
        reward = 1.0  #! reward = self.x
        return torch.tensor([self.x]), reward, done
class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
    def forward(self, s): return Bernoulli(logits=self.net(s))
env, agent = Env(), Agent()
opt = torch.optim.Adam(agent.parameters(), lr=0.01)
for ep in range(60):
    s, done, logs, rs = env.reset(), False, [], []
    while not done:
        d = agent(s)
        a = d.sample()
        logs.append(d.log_prob(a))
        s, r, done = env.step(bool(a))
        rs.append(r)
    R = torch.tensor(rs)
    loss = -(torch.cat(logs) * R).sum()  #+
    opt.zero_grad(); loss.backward(); opt.step()
