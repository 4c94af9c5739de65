import torch
from torch import nn
torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 3)); opt = torch.optim.Adam(policy.parameters(), 0.01)
for it in range(120):
    s = torch.randn(64, 2); d = torch.distributions.Categorical(logits=policy(s)); a = d.sample()
    cost = (s[:, 0] - (a - 1)).abs()
    loss = (d.log_prob(a) * (cost - cost.mean())).mean()
    opt.zero_grad(); loss.backward(); opt.step()
