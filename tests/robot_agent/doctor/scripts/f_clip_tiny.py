# gradients are clipped to 1e-6; kind: rate-too-low
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.1)  #+
x = torch.randn(300, 6); y = x[:, :1].sin()
for s in range(150):
    loss = F.mse_loss(net(x), y); opt.zero_grad(); loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1e-6)  #! nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()  #+
