# the returns are shifted by one step; kind: reward-of-another-step
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
pi = nn.Linear(2, 2); opt = torch.optim.Adam(pi.parameters(), 1e-2)
for ep in range(60):
    log_probs, rewards = [], []
    for t in range(10):
        s = torch.randn(2)
        d = torch.distributions.Categorical(logits=pi(s)); a = d.sample()
        log_probs.append(d.log_prob(a)); rewards.append(1.0 if a.item() == int(s[0] > 0) else 0.0)
    loss = 0
    for lp, r in zip(log_probs[:-1], rewards[1:]):  #! for lp, r in zip(log_probs, rewards):
        loss = loss - lp * (r - 0.5)  #+
    opt.zero_grad(); loss.backward(); opt.step()
