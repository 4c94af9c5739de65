import numpy as np, torch
from torch import nn
torch.manual_seed(0); rng = np.random.default_rng(0)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(dim=-1)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for ep in range(60):
    s = rng.normal(size=2); saved, rewards = [], []
    for t in range(8):
        p = net(torch.from_numpy(s).float()); m = torch.distributions.Categorical(p); a = m.sample()
        saved.append(m.log_prob(a)); rewards.append(float(a.item() == (s[0] > 0))); s = rng.normal(size=2)
    returns, R = [], 0
    for r in rewards[::-1]:
        R = r + 0.9 * R; returns.insert(0, R)
    returns = torch.tensor(returns); returns = (returns - returns.mean()) / (returns.std() + 1e-8)
    loss = torch.cat([(-lp * R).unsqueeze(0) for lp, R in zip(saved, returns)]).sum()
    opt.zero_grad(); loss.backward(); opt.step()
print(sum(rewards))
