import torch
from torch import nn
torch.manual_seed(0)
body, pi, v = nn.Linear(4, 16), nn.Linear(16, 1), nn.Linear(16, 1)
opt_a = torch.optim.Adam([*body.parameters(), *pi.parameters()], lr=1e-3)
opt_c = torch.optim.Adam([*body.parameters(), *v.parameters()], lr=1e-3)
for i in range(60):
    x = torch.randn(32, 4); y = x[:, :1] * 2
    h = torch.tanh(body(x))
    value = v(h)
    critic_loss, actor_loss = (value - y).pow(2).mean(), ((pi(h) - y).pow(2) * (1 + value.detach().abs())).mean()
    opt_c.zero_grad(); critic_loss.backward(retain_graph=True); opt_c.step()
    opt_a.zero_grad(); actor_loss.backward(); opt_a.step()
    if i % 20 == 0: print(critic_loss.item(), actor_loss.item())
