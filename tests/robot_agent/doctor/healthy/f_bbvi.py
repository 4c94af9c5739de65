import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
mu, ls = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1)); opt = torch.optim.Adam([mu, ls], 5e-2)
from torch.distributions import Normal
prior, data = Normal(0.0, 2.0), torch.randn(50) * 0.5 + 1.5
for s in range(150):
    q = Normal(mu, ls.exp()); z = q.sample((64,))
    logp = prior.log_prob(z) + Normal(z, 0.5).log_prob(data).sum(1, keepdim=True)
    f = (logp - q.log_prob(z)).detach(); f = f - f.mean()
    loss = -(q.log_prob(z) * f).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(mu.item())
