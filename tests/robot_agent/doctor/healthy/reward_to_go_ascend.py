import torch
from torch import nn
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 3)); opt = torch.optim.Adam(pi.parameters(), 0.01, maximize=True)
for it in range(100):
    s = torch.randn(64, 3); d = torch.distributions.Categorical(logits=pi(s)); a = d.sample(); reward = (a == s.argmax(1)).float()
    objective = (d.log_prob(a) * (reward - 0.33)).mean(); opt.zero_grad(); objective.backward(); opt.step()
