# the return runs over the ends of episodes; kind: wrong-discount
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(pi.parameters(), lr=0.01)
for ep in range(60):
    log_probs, rewards, dones = [], [], []
    for t in range(40):
        s = torch.randn(4); d = Categorical(logits=pi(s)); a = d.sample()
        log_probs.append(d.log_prob(a)); rewards.append(float(a.item() == int(s[0] > 0))); dones.append(t % 8 == 7)
    G, returns = 0.0, []
    for r, done in zip(reversed(rewards), reversed(dones)):
        G = r + 0.99 * G  #! G = r + 0.99 * G * (not done)
        returns.insert(0, G)
    R = torch.tensor(returns); loss = -(torch.stack(log_probs) * (R - R.mean())).mean()
    opt.zero_grad(); loss.backward(); opt.step()
