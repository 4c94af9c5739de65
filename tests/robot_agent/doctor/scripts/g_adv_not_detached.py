# advantage is not detached; kind: not-detached
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)); critic = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1))
opt_a = torch.optim.Adam(actor.parameters(), lr=0.01); opt_c = torch.optim.Adam(critic.parameters(), lr=0.01)
for i in range(120):
    s = torch.randn(64, 4); d = Categorical(logits=actor(s)); a = d.sample()
    r = (a == (s[:, 0] > 0).long()).float()
    v = critic(s).squeeze(1)
    adv = r - v  #! adv = r - v.detach()
    loss = -(d.log_prob(a) * adv).mean() + 0.5 * (r - v).pow(2).mean()
    opt_a.zero_grad(); opt_c.zero_grad(); loss.backward(); opt_a.step(); opt_c.step()
