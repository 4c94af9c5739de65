# kind: reinforce-sign
import math
import torch
from torch import nn
torch.manual_seed(0)
mu = nn.Linear(1, 1)
log_sigma = nn.Parameter(torch.tensor(-0.5))
opt = torch.optim.Adam([*mu.parameters(), log_sigma], lr=0.02)
def logp(a, m, ls):
    return -0.5 * ((a - m) / ls.exp()) ** 2 - ls - 0.5 * math.log(2 * math.pi)
for i in range(150):
    state = torch.rand(64, 1)
    m = mu(state)
    with torch.no_grad():
        action = m + log_sigma.exp() * torch.randn_like(m)
    reward = -(action - 2 * state).abs()
    reward = (reward - reward.mean()) / reward.std()
    loss = torch.mean(logp(action, m, log_sigma) * reward)  #! loss = -torch.mean(logp(action, m, log_sigma) * reward)
    opt.zero_grad(); loss.backward(); opt.step()
