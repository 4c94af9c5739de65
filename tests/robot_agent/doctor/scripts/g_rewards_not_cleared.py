# rewards are kept, log-probs are not; kind: reward-of-another-step
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(pi.parameters(), lr=0.01)
rewards = []  #+
for ep in range(80):
    log_probs = []  #!+ rewards = []
    for t in range(10):
        s = torch.randn(4); d = Categorical(logits=pi(s)); a = d.sample()
        log_probs.append(d.log_prob(a)); rewards.append(float(a.item() == int(s[0] > 0)))  #+
    loss = -sum(lp * (r - 0.5) for lp, r in zip(log_probs, rewards)) / 10  #+
    opt.zero_grad(); loss.backward(); opt.step()
