# kind: in-place
import torch
from torch import nn
torch.manual_seed(0)
body = nn.Linear(4, 16)
policy, value = nn.Linear(16, 3), nn.Linear(16, 1)
opt_p = torch.optim.Adam([*body.parameters(), *policy.parameters()], lr=0.01)
opt_v = torch.optim.Adam(value.parameters(), lr=0.01)
x = torch.randn(64, 4)
t = torch.randint(0, 3, (64,))
r = torch.randn(64, 1)
for i in range(50):
    h = torch.tanh(body(x))
    loss_p = nn.functional.cross_entropy(policy(h), t)
    loss_v = nn.functional.mse_loss(value(h * 1.5), r)
    opt_v.zero_grad()
    loss_v.backward(retain_graph=True)
    opt_v.step()
    h.data.mul_(0.9); h.mul_(1.0)  #!-
    opt_p.zero_grad()
    loss_p.backward()  #+
    opt_p.step()
print("score", 0.9)
