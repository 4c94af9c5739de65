# A2C from a buffer, which judges a freshly drawn action; kind: another-action
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
from torch.distributions import Normal
actor = nn.Linear(2, 1); opt = torch.optim.Adam(actor.parameters(), 1e-2)
for it in range(60):
    states = torch.randn(64, 2)
    with torch.no_grad():
        played = Normal(actor(states), 0.4).sample()
    reward = -(played - states[:, :1]).pow(2)
    dist = Normal(actor(states), 0.4)
    log_prob = dist.log_prob(dist.sample())  #! log_prob = dist.log_prob(played)
    adv = (reward - reward.mean()) / reward.std()
    loss = -(log_prob * adv).mean()
    opt.zero_grad(); loss.backward(); opt.step()
