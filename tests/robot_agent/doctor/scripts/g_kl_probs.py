# kl_div gets probabilities; kind: nll-without-log
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(400, 5); t = F.softmax(x @ torch.randn(5, 4) * 2, 1)
net = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 4)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(150):
    p = F.softmax(net(x), dim=1)  #! p = F.log_softmax(net(x), dim=1)
    loss = F.kl_div(p, t, reduction='batchmean')  #+
    opt.zero_grad(); loss.backward(); opt.step()
