# probabilities are given as logits; kind: softmax-twice
import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 3), nn.Softmax(dim=-1)); opt = torch.optim.Adam(pi.parameters(), 0.01)  #+
for ep in range(60):
    s = torch.randn(32, 4)
    d = Categorical(logits=pi(s))  #! d = Categorical(pi(s))
    a = d.sample(); r = (a == s[:, :3].argmax(1)).float()
    loss = -(d.log_prob(a) * (r - r.mean())).mean()
    opt.zero_grad(); loss.backward(); opt.step()
