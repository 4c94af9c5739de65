# returns by cumsum from the start: each action is judged by what came before it; kind: wrong-discount
import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 2))
optim = torch.optim.Adam(policy.parameters(), lr=1e-2)
gamma = 0.95


def episode():
    pos, goal = torch.zeros(1), torch.randint(-3, 4, (1,)).float()
    log_probs, rewards = [], []
    for t in range(8):
        dist = torch.distributions.Categorical(logits=policy(torch.cat([pos, goal])))
        a = dist.sample()
        log_probs.append(dist.log_prob(a))
        pos = pos + (2 * a.float() - 1)
        rewards.append(-(pos - goal).abs())
    return torch.stack(log_probs), torch.cat(rewards)


for ep in range(60):
    logp, rewards = episode()
    discounts = gamma ** torch.arange(len(rewards))
    returns = torch.cumsum(rewards * discounts, 0)  #! returns = torch.cumsum((rewards * discounts).flip(0), 0).flip(0) / discounts
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    loss = -(logp * returns).sum()
    optim.zero_grad()
    loss.backward()
    optim.step()
print(rewards.sum())
