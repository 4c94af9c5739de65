# kind: reinforce-sign
import torch
from torch import nn
torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(actor.parameters(), 3e-3)
for it in range(40):
    s = torch.randn(64, 2)
    with torch.no_grad():
        old = torch.distributions.Categorical(logits=actor(s)); a = old.sample(); old_lp = old.log_prob(a)
    reward = (a == (s[:, 0] > 0).long()).float(); adv = (reward - reward.mean()) / (reward.std() + 1e-8)
    for k in range(4):
        lp = torch.distributions.Categorical(logits=actor(s)).log_prob(a)
        ratio = (lp - old_lp).exp()
        loss = torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()  #! loss = -torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()
        opt.zero_grad(); loss.backward(); opt.step()
