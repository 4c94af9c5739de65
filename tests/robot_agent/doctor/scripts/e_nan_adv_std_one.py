# advantages of one step are divided by their standard deviation; kind: not-a-number
import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)


def rollout():
    states, logps, rewards = torch.rand(2), [], []
    for t in range(10):
        d = Categorical(logits=net(states))
        a = d.sample()
        logps.append(d.log_prob(a))
        rewards.append(float(a.item() == int(states[0] > states[1])))
        if torch.rand(1) < 0.3:
            break
        states = torch.rand(2)
    return logps, rewards


for ep in range(80):
    logps, rewards = rollout()
    R, returns = 0.0, []
    for r in rewards[::-1]:
        R = r + 0.9 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-8)  #! returns = returns - 0.5
    loss = -(torch.stack(logps) * returns).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
