# kind: reward-constant
import torch
from torch import nn
from torch.distributions import Normal
torch.manual_seed(0)
mu = nn.Linear(1, 1)
opt = torch.optim.SGD(mu.parameters(), lr=0.01)
def judge(x, a):
    error = abs(a - 2 * x)
    return 1 if error < -1 else 0  #! return -error
for episode in range(200):
    log_probs, rewards = [], []
    for t in range(5):
        x = torch.rand(1)
        dist = Normal(mu(x), 0.2)
        a = dist.sample()
        log_probs.append(dist.log_prob(a).sum())
        rewards.append(judge(x.item(), a.item()))  #+
    R = sum(rewards)
    loss = -sum(lp * R for lp in log_probs)  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 0.1)
