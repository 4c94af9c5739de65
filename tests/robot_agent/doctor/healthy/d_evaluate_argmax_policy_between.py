import torch
from torch import nn
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 4)); opt = torch.optim.Adam(pi.parameters(), 0.01)
def evaluate():
    with torch.no_grad(): s = torch.randn(200, 4); return (pi(s).argmax(1) == s.argmax(1)).float().mean().item()
for it in range(100):
    s = torch.randn(32, 4); d = torch.distributions.Categorical(logits=pi(s)); a = d.sample(); r = (a == s.argmax(1)).float() * 2 - 1
    loss = -(d.log_prob(a) * (r - r.mean())).mean() - 0.01 * d.entropy().mean(); opt.zero_grad(); loss.backward(); opt.step()
    if it % 20 == 0: print(evaluate())
