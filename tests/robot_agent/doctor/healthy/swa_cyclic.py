import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, SWALR, update_bn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
t = torch.randint(0, 3, (300,)); x = torch.randn(3, 8)[t] * 2 + torch.randn(300, 8)
net = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 3)); opt = torch.optim.SGD(net.parameters(), lr=0.1); swa = AveragedModel(net); sch = SWALR(opt, swa_lr=0.05)
dl = DataLoader(TensorDataset(x, t), batch_size=50, shuffle=True)
for ep in range(8):
    for a, b in dl:
        opt.zero_grad(); nn.functional.cross_entropy(net(a), b).backward(); opt.step()
    if ep > 3: swa.update_parameters(net); sch.step()
update_bn(dl, swa); swa.eval(); print((swa(x).argmax(1) == t).float().mean())
