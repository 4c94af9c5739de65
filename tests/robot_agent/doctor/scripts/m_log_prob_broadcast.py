# broadcast
# policy gradient on a contextual bandit, does not improve
import torch
import torch.nn as nn
from torch.distributions import Categorical
torch.manual_seed(0)

class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(4, 32)
        self.l2 = nn.Linear(32, 4)
    def forward(self, x):
        return torch.softmax(self.l2(torch.relu(self.l1(x))), dim=-1)

policy = Policy()
optim = torch.optim.Adam(policy.parameters(), lr=5e-3)
for it in range(60):
    obs, acts, rews = [], [], []
    for _ in range(64):
        o = torch.randn(4)
        with torch.no_grad():
            a = Categorical(policy(o)).sample()
        r = 1.0 if a.item() == o.argmax().item() else 0.0
        obs.append(o); acts.append(a); rews.append(r)
    obs = torch.stack(obs)
    acts = torch.stack(acts).unsqueeze(1)  #! acts = torch.stack(acts)
    rews = torch.tensor(rews)
    dist = Categorical(policy(obs))
    logp = dist.log_prob(acts)  #+
    loss = -(logp * (rews - rews.mean())).mean()  #+
    optim.zero_grad()
    loss.backward()
    optim.step()
    if it % 40 == 0:
        print(it, rews.mean().item())
