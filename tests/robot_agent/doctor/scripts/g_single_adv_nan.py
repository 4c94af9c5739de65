# std of one return; kind: not-a-number
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(pi.parameters(), lr=0.01)
for ep in range(60):
    log_probs, rewards = [], []
    for t in range(1 if ep % 7 == 6 else 12):
        s = torch.randn(4); probs = pi(s).softmax(0); a = torch.multinomial(probs, 1)
        log_probs.append(probs[a].log()); rewards.append(float(a.item() == int(s[0] > 0)))
    R = torch.tensor(rewards)
    R = (R - R.mean()) / (R.std() + 1e-8)  #! R = (R - R.mean()) / (R.std(unbiased=False) + 1e-8)
    loss = -(torch.cat(log_probs) * R).mean()
    opt.zero_grad(); loss.backward(); opt.step()
