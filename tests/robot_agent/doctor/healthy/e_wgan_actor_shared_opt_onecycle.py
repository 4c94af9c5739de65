import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 6); y = (x[:, 0] - x[:, 1]).sign().add(1).div(2).long()
net = nn.Sequential(nn.Linear(6, 64), nn.LayerNorm(64), nn.SiLU(), nn.Linear(64, 2))
opt = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, nesterov=True)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.3, total_steps=120)
scaler = torch.amp.GradScaler("cpu", enabled=False)
ema = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.95))
for s in range(120):
    i = torch.randint(0, 400, (64,))
    with torch.autocast("cpu", torch.bfloat16):
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
    opt.zero_grad(set_to_none=True)
    scaler.scale(loss).backward()
    scaler.unscale_(opt)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(opt); scaler.update(); sched.step(); ema.update_parameters(net)
print(loss.item())
