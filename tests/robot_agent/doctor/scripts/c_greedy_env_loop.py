# kind: not-sampled
import torch
from torch import nn
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 3)); opt = torch.optim.Adam(pi.parameters(), 0.01)
def choose(s):
    dist = torch.distributions.Categorical(logits=pi(s))
    a = torch.argmax(dist.probs)  #! a = dist.sample()
    return a, dist.log_prob(a)  #+
for ep in range(60):
    ls, rs = [], []
    for t in range(10): s = torch.randn(3); a, l = choose(s); ls.append(l); rs.append(float(a == s.argmax()))
    r = torch.tensor(rs); r = r - r.mean(); loss = -(torch.stack(ls) * r).sum(); opt.zero_grad(); loss.backward(); opt.step()
