# returns by np.cumsum from the start; kind: wrong-discount
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 2)); opt = torch.optim.Adam(pi.parameters(), 1e-2)
for ep in range(50):
    x, logps, rewards = 0.0, [], []
    for t in range(8):
        d = torch.distributions.Categorical(logits=pi(torch.tensor([x])))
        a = d.sample(); logps.append(d.log_prob(a))
        x += 0.5 if a.item() else -0.5
        rewards.append(-abs(x - 2))
    returns = np.cumsum(rewards)  #! returns = np.cumsum(rewards[::-1])[::-1].copy()
    returns = torch.as_tensor(returns, dtype=torch.float32)
    returns = (returns - returns.mean()) / returns.std()
    loss = -(torch.stack(logps) * returns).sum()
    opt.zero_grad(); loss.backward(); opt.step()
