# kind: wrong-discount
import torch
from torch import nn
torch.manual_seed(0)
gamma = 0.9
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2)); opt = torch.optim.Adam(net.parameters(), 0.01)
for ep in range(60):
    s, lps, rs = torch.randn(2), [], []
    for t in range(10):
        d = torch.distributions.Categorical(logits=net(s)); a = d.sample(); lps.append(d.log_prob(a)); rs.append(float(a == int(s[1] > 0))); s = torch.randn(2)
    ret, R = [], 0.0
    for r in reversed(rs):
        R = gamma * r + R  #! R = r + gamma * R
        ret.insert(0, R)
    ret = torch.tensor(ret); ret = (ret - ret.mean()) / (ret.std() + 1e-6)
    loss = -(torch.stack(lps) * ret).mean(); opt.zero_grad(); loss.backward(); opt.step()
