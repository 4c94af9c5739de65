# kind: reinforce-sign
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
    def forward(self, s):
        return Categorical(logits=self.net(s))
policy = Policy()
opt = torch.optim.Adam(policy.parameters(), lr=0.01)
for episode in range(120):
    log_probs, rewards = [], []
    for t in range(10):
        state = torch.randn(2)
        dist = policy(state)
        action = dist.sample()
        log_probs.append(dist.log_prob(action))
        rewards.append(1.0 if action.item() == int(state[0] > 0) else 0.0)
    G, returns = 0.0, []
    for r in reversed(rewards):
        G = r + 0.5 * G
        returns.insert(0, G)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-8)
    loss = []
    for lp, R in zip(log_probs, returns):
        loss.append(lp * R)  #! loss.append(-lp * R)
    loss = torch.stack(loss).sum()  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 0.5)
