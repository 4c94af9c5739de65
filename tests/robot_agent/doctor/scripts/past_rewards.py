# kind: wrong-discount
import torch
from torch import nn
torch.manual_seed(0)
GAMMA = 0.9
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), 0.01)
for ep in range(80):
    x, logps, rewards = torch.randn(2), [], []
    for t in range(10):
        d = torch.distributions.Categorical(logits=net(x)); a = d.sample()
        logps.append(d.log_prob(a)); x = torch.stack([x[0] + (0.3 if a.item() else -0.3), torch.randn(())])
        rewards.append(-abs(x[0].item()))
    returns, G = [], 0
    for r in rewards:  #! for r in reversed(rewards):
        G = r + GAMMA * G
        returns.append(G)  #! returns.insert(0, G)
    returns = torch.tensor(returns); returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    loss = -(torch.stack(logps) * returns).sum()
    opt.zero_grad(); loss.backward(); opt.step()
