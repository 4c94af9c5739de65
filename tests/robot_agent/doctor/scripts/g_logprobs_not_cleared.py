# the list of log-probs is never emptied; kind: graph-carried-over
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(pi.parameters(), lr=0.01)
log_probs, rewards = [], []  #+
for ep in range(30):
    for t in range(10):
        s = torch.randn(4); d = Categorical(logits=pi(s)); a = d.sample()
        log_probs.append(d.log_prob(a)); rewards.append(float(a.item() == int(s[0] > 0)))  #+
    R = torch.tensor(rewards)  #+
    loss = -(torch.stack(log_probs) * (R - R.mean())).mean()  #+
    opt.zero_grad(); loss.backward(); opt.step()  #!+ log_probs, rewards = [], []
