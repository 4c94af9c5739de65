# kind: reward-of-another-step
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(net.parameters(), 0.01)
for ep in range(80):
    log_probs, rewards = [], []
    for t in range(12):
        s = torch.randn(3); d = torch.distributions.Categorical(logits=net(s)); a = d.sample()
        log_probs.append(d.log_prob(a)); rewards.append(float(a == s.argmax()))
    loss = 0
    for lp, r in zip(log_probs, rewards[1:]):  #! for lp, r in zip(log_probs, rewards):
        loss = loss - lp * (r - 0.33)
    opt.zero_grad(); loss.backward(); opt.step()
