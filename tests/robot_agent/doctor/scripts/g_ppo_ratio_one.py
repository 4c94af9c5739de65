# old log-probs are the new ones: ratio is 1 with zero gradient; kind: graph-cut
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)); opt = torch.optim.Adam(pi.parameters(), lr=0.01)
for i in range(60):
    s = torch.randn(128, 4)
    d = Categorical(logits=pi(s)); a = d.sample(); r = (a == (s[:, 0] > 0).long()).float(); adv = r - r.mean()
    for k in range(3):
        d = Categorical(logits=pi(s)); new = d.log_prob(a); old = d.log_prob(a)  #! d = Categorical(logits=pi(s)); new = d.log_prob(a); old = new.detach()
        ratio = (new - old).exp()  #+
        loss = -torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()
        opt.zero_grad(); loss.backward(); opt.step()
