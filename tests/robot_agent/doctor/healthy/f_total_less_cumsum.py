import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
pi = nn.Linear(2, 2); opt = torch.optim.Adam(pi.parameters(), 2e-2)
for ep in range(60):
    s = torch.randn(12, 2); d = torch.distributions.Categorical(logits=pi(s)); a = d.sample()
    rewards = (a == (s[:, 0] > 0).long()).float()
    past = torch.cumsum(rewards, 0)
    returns = rewards.sum() - past + rewards
    adv = (returns - returns.mean()) / (returns.std() + 1e-6) + 2 * (rewards - 0.5)
    loss = -(d.log_prob(a) * adv).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(rewards.mean())
